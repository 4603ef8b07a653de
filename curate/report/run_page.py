def html(state, recipe, done, format): return b"x"
