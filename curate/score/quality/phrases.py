"""Phrases that stand for an answer in real instruction data without being one."""

from __future__ import annotations

# English and Chinese, by what is wrong with them.
STOCK = {
    "en": [
        "TODO", "TBD", "N/A", "n/a", "None", "null", "nan", "...", "[insert answer here]", "Lorem ipsum dolor sit amet.",
        "test", "asdf", "see above", "same as above", "[Your answer]", "<answer>", "answer pending", "undefined", "No output",
        "Placeholder text.", "{{response}}", "Error: request timed out", "-", "?", "xxx", "coming soon", "Output goes here",
        "Sure!", "Okay.", "Got it.", "Of course!", "Here you go:", "Sure, here it is:", "Certainly! I can do that.",
        "Sure, I would be glad to help with that.", "No problem, I will get started on it right away.", "Great question!",
        "I will write that for you.", "Let me think about this and come back to you.", "I'd be happy to help!",
        "Please give me more details.", "Could you share the text you want me to work on?", "What would you like me to summarise?",
        "I need more information to answer this.", "Please paste the passage first.", "There is no attachment in your message.",
        "It seems that you forgot to include the article.", "Please specify the input.",
        "I'm sorry, but I cannot help with that.", "As an AI language model, I am not able to do this.", "I can't answer that.",
        "I am unable to fulfil this request.", "Sorry, this goes beyond what I can do.", "I don't have access to that information.",
        "I must decline to answer.", "I'm afraid that is not something I can assist with.", "I do not have personal opinions.",
        "Thank you for your question. It is an interesting topic.", "It depends on many factors.", "That is up to you.",
        "I don't know.", "No idea, sorry.", "This is a very important subject that deserves careful attention.",
        "Thanks for reaching out! Have a nice day.", "Please consult a professional.", "Hope this helps!", "Good luck!",
        "Let me know if you have any other questions.", "Click here to read more.", "Subscribe to our newsletter.",
        "This page could not be found.", "You need to enable JavaScript to run this app.", "All rights reserved.",
    ],
    "zh": [
        "待补充", "暂无", "无", "略", "同上", "测试", "占位符", "【在此填写答案】", "答案略", "未知", "空", "……", "见上文", "此处省略",
        "好的。", "没问题！", "当然可以！", "好的，我来帮您。", "以下是答案：", "收到，我马上开始写。", "我很乐意帮助您！", "好的，请稍等。",
        "请提供更多信息。", "请把原文发给我。", "您没有给出需要处理的内容。", "请问您想翻译哪一段？", "请先输入文本。", "缺少输入内容，无法继续。",
        "很抱歉，我无法回答这个问题。", "作为一个人工智能语言模型，我不能完成这个任务。", "我没有办法帮您。", "对不起，这超出了我的能力范围。",
        "抱歉，我没有相关信息。", "我必须拒绝这个请求。", "我不能提供这方面的帮助。", "作为AI，我没有个人观点。",
        "这是一个很好的问题。", "这取决于很多因素。", "我不知道。", "感谢您的提问，祝您生活愉快！", "请咨询专业人士。", "希望对您有帮助！",
        "如有其他问题，欢迎随时提问。", "点击查看全文。", "关注公众号获取更多内容。", "页面不存在。", "版权所有，未经许可不得转载。",
    ],
}  # fmt: skip
# What a page or a chat leaves around an answer.
BEFORE = {
    "en": ["Home > Blog > Answers\n", "Posted by admin on 12 March 2019 | 3 comments\n", "User: hi\nAssistant: ", "### Response:\n", "<p>",
           '<div class="post"><span>', "Share on Facebook | Tweet | Pin it\n", "Q: \nA: ", "ChatGPT\n", "Advertisement\n\n", "Skip to content\n",
           "[10:42] bot: ", "Best answer chosen by the asker:\n", "Human: thanks\n\nAI: ", "Login | Register | Cart (0)\n"],
    "zh": ["首页 > 问答 > 正文\n", "作者：管理员 发布时间：2019-03-12 阅读(1024)\n", "用户：你好\n助手：", "<p>", "分享到：微信 微博 QQ空间\n", "广告\n\n",
           "最佳答案：\n", "[10:42] 小助手：", "登录 | 注册 | 购物车\n", "楼主说：\n"],
}  # fmt: skip
AFTER = {
    "en": ["\nRead more...", "\n\nRelated posts: 10 tips you must know | Contact us | Privacy policy", "</p></div>", "\nWas this answer helpful? Yes No (12)",
           "\n\nUser: ok and what about the second one?\nAssistant: Sure", "\n\n### Instruction:\nWrite a poem about the sea.", "<br/><br/></span>",
           "\nSign up for free to continue reading.", "\n© 2021 All rights reserved. Terms of use", "\nReply · Report · 2 upvotes", "\nRegenerate response",
           "\nWe use cookies to improve your experience. Accept all", " [edit] [citation needed] ^ a b", "\nHuman: thank you\nAI: You're welcome!",
           "\nBuy now and get 20% off with code SAVE20!", "\nCopy code", "<script>var _gaq=[];</script>", "\n\nInput: 5 7\nOutput:"],
    "zh": ["\n查看全文>>", "\n相关推荐：十大技巧 | 联系我们 | 隐私政策", "</p></div>", "\n本回答有用吗？ 有用(12) 没用", "\n\n用户：那第二个呢？\n助手：好的",
           "\n版权声明：本文为博主原创文章，转载请注明出处。", "\n点赞 收藏 评论 3", "\n扫码关注公众号，领取资料", "\n重新生成", "<br/><br/>", "\n上一篇：没有了 下一篇：返回列表",
           "\n限时优惠，立即购买享八折！", "\n责任编辑：小王", "\n\n指令：写一首关于大海的诗。"],
}  # fmt: skip
# Answers in a language that is neither.
FOREIGN = [
    "La respuesta depende del contexto, pero en general se recomienda revisar los datos con cuidado antes de decidir.",
    "Il est important de bien comprendre la question avant de proposer une solution complète et durable.",
    "Es gibt mehrere Möglichkeiten, dieses Problem zu lösen, und jede hat ihre Vor- und Nachteile.",
    "Для ответа на этот вопрос нужно рассмотреть несколько факторов и сравнить их между собой.",
    "この質問に答えるには、いくつかの点を考える必要があります。まず、目的をはっきりさせましょう。",
    "이 질문에 답하려면 먼저 몇 가지 사항을 고려해야 합니다. 자세한 내용은 다음과 같습니다.",
    "Ci sono molti modi per affrontare questo argomento, e il migliore dipende dalle tue esigenze.",
    "Existem várias maneiras de resolver isso, mas a mais simples é começar pelo básico e praticar todos os dias.",
    "للإجابة عن هذا السؤال يجب أن ننظر في عدة عوامل ونقارن بينها قبل اتخاذ القرار.",
    "Bu soruyu yanıtlamak için önce konuyu iyice anlamak ve örnekler üzerinde çalışmak gerekir.",
]
