"""JSON Schema of what a format's rows look like, made from the structs that decode them.

Source: JSON Schema draft 2020-12.  A row that `RowDecoder` takes is valid by the schema of its format.  The other way
round a schema cannot say all: the order of turns, blank text and what a text holds are checked by `RowDecoder` alone.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

import msgspec

from schemas import chatml, gemini, sharegpt, thoughts, turns, weights
from schemas.problems import CODES, Problem
from schemas.row import Format, Shape
from schemas.self_instruct import Instance

DRAFT = "https://json-schema.org/draft/2020-12/schema"
REF = "#/$defs/{name}"
TEXT_OR_NULL: dict[str, Any] = {"type": ["string", "null"]}
PAIR = {"type": "array", "prefixItems": [{"type": "string"}] * 2, "items": False, "minItems": 2}
TEXT_PART = {"type": "string", "enum": ["text", "input_text"]}
PART = {
    "type": "object",
    "properties": {"type": {"type": "string"}},
    "required": ["type"],
    "if": {"properties": {"type": TEXT_PART}},
    "then": {
        "anyOf": [
            {"properties": {"text": {"type": "string"}}, "required": ["text"]},
            {"properties": {"value": {"type": "string"}}, "required": ["value"], "not": {"required": ["text"]}},
        ]
    },
}
# schemas.calls.ToolCall; msgspec cannot make it, as the struct has defaults of raw JSON.
TOOL_CALL = {
    "type": "object",
    "properties": {
        "function": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "arguments": {"description": "JSON text, or an object."}},
            "required": ["name"],
        },
        "name": {"type": "string"},
        "id": TEXT_OR_NULL,
    },
    "anyOf": [{"required": ["function"]}, {"required": ["name"]}],
}
CALL = {"$ref": "#/$defs/ToolCall"}
# Fields that the structs keep as raw JSON, since they are checked later.
FIELDS: dict[str, dict[str, Any]] = {
    "system": TEXT_OR_NULL,
    "history": {"anyOf": [{"type": "array", "items": PAIR}, {"type": "null"}]},
    "content": {"anyOf": [TEXT_OR_NULL, {"type": "array", "items": {"$ref": "#/$defs/Part"}}]},
    "tool_calls": {"anyOf": [{"type": "array", "items": CALL}, CALL, TEXT_OR_NULL]},
    "functions": {"type": "array", "items": {"type": "object"}},
    "instances": {"type": "array", "items": {"$ref": "#/$defs/Instance"}, "minItems": 1},
}
DESCRIPTIONS = {
    "system": "The system prompt; it stands before the first turn.",
    "tools": "The tools on offer: a list in OpenAI's shape, or that list as JSON text.",
    "category": "The kind of task; metadata, never trained on.",
    "source": "Where the row comes from; metadata, never trained on.",
    "id": "The row's name; metadata, never trained on.",
    "history": "Earlier exchanges, as [prompt, response] pairs.",
    "task": "The kind of task; metadata, never trained on.",
    "instruction": "The request.  It may be empty where there is an input.",
    "input": "What the instruction is about.",
    "context": "What the instruction is about.",
    "output": "The response, which the model is trained on.",
    "response": "The response, which the model is trained on.",
    "completion": "The response, which the model is trained on.",
    "target_text": "The response, which the model is trained on.",
    "prompt": "The request.",
    "input_text": "The request.",
    "instances": "Worked examples; the first one is converted.",
    "content": "The text of the turn, a list of typed parts, or null beside tool_calls.",
    "value": "The text of the turn; for a function_call the call as JSON text, with name and arguments.",
    "tool_calls": "The calls that an assistant turn makes, in OpenAI's shape.",
    "functions": "The tools on offer, as OpenAI's older files list them.",
    "tool_call_id": "Which call a tool turn answers.",
    "weight": "The turn's share of the loss; 0 is not trained on.",
    "loss_weight": "The same as weight.",
    "train": "The same as weight, mostly as true or false.",
    "loss": "The same as weight where it is a number, true or false.",
    "trainable": "The same as weight where it is a number, true or false.",
}
THOUGHT = "The thought before the answer, where it is text and not blank."


def of_format(row_format: Format) -> dict[str, Any]:
    """The schema of a format's rows: of any of its shapes, or for a variant of the one that it writes."""
    shapes = row_format.shapes[:1] if row_format.variant else row_format.shapes
    _, components = msgspec.json.schema_components([*(shape.row for shape in shapes), Instance], ref_template=REF)
    for component in components.values():
        _finish(component)
    components |= {"Part": PART, "ToolCall": TOOL_CALL}
    schemas = [_shape(shape, components[shape.row.__name__]) for shape in shapes]
    schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
    head: dict[str, Any] = {"$schema": DRAFT, "title": row_format.label if row_format.variant else row_format.title}
    # The example is in the format's own shape, which a variant's may not be.
    if not row_format.variant:
        head["examples"] = [msgspec.json.decode(row_format.example)]
    defs = {name: components[name] for name in _used(schema, components)}
    return {**head, **{k: v for k, v in schema.items() if k != "title"}, **({"$defs": defs} if defs else {})}


def of_problem() -> dict[str, Any]:
    """The schema of a line of OUT.rejects.jsonl, and of what `curate validate --json` writes (which has no text)."""
    _, components = msgspec.json.schema_components([Problem], ref_template=REF)
    problem = components["Problem"]
    properties = problem["properties"]
    properties["code"] = {"enum": list(CODES), "description": "See `curate explain-code`."}
    properties["row"]["minimum"] = 1
    properties["text"] = {"type": "string", "description": "The row as it was; it may not be JSON."}
    notes = {
        "path": "JSON path within the row.",
        "message": "What was found.",
        "remedy": "What to do.",
        "file": "The file, as it was named.",
        "row": "The row in it, counted from 1; for JSON lines the line number.",
    }
    for name, note in notes.items():
        properties[name] = {k: v for k, v in properties[name].items() if k != "default"} | {"description": note}
    problem["description"] = "What is wrong with one row, and where it is."
    problem["required"] = ["code", "path", "message", "remedy", "file", "row"]
    return {"$schema": DRAFT, **problem}


def _finish(component: dict[str, Any]) -> None:
    """Say of a struct what msgspec cannot know: types of raw fields, roles, and that further fields may stand there."""
    properties = component["properties"]
    component["description"] = cleandoc(component["description"])
    for field, schema in properties.items():
        if field in FIELDS and not schema:
            schema.update(FIELDS[field])
        schema.pop("default", None)
        for choice in (schema, *schema.get("anyOf", ())):
            if choice.get("type") == "number":
                choice["minimum"] = 0
        if field in DESCRIPTIONS:
            schema["description"] = DESCRIPTIONS[field]
    if any(properties.get(sender, {}).get("type") == "array" for sender in ("role", "from")):
        component["additionalProperties"] = True
        return
    if "role" in properties or "from" in properties:
        properties.update({name: {"description": THOUGHT} for name in thoughts.FIELDS})
        named = {name: {"description": DESCRIPTIONS[name]} for name in weights.ALIASES if name not in properties}
        properties.update(named)
    if "role" in properties:
        properties["role"] = {"enum": list(gemini.ROLES if "parts" in properties else turns.ROLES)}
    if "from" in properties:
        properties["from"] = {"enum": list(sharegpt.ROLES)}
        texts = ({"properties": {name: {"type": "string"}}, "required": [name]} for name in ("value", "text"))
        component["anyOf"] = list(texts)
    component["additionalProperties"] = True


def _shape(shape: Shape, row: dict[str, Any]) -> dict[str, Any]:
    """The schema of one shape: what it requires, and for a bare list the list alone."""
    properties = row["properties"]
    for turns_field in filter(None, (shape.turns, shape.answers)):
        # A prompt and a response at least.
        fields = shape.turn.__struct_fields__ if shape.turn else ()
        single = shape.answers or not {"role", "sender"}.intersection(fields)
        properties[turns_field]["minItems"] = 1 if single else 2
    if shape.wrap:
        return {"title": shape.name, **properties[shape.wrap]}
    if shape.flat and "." not in shape.flat.response:
        row["required"] = [shape.flat.prompt, shape.flat.response]
        properties[shape.flat.response]["minLength"] = 1
        if not shape.flat.context:
            properties[shape.flat.prompt]["minLength"] = 1
    if shape.row is chatml.Text:
        properties["text"]["pattern"] = r"^<\|im_start\|>"
    return {**row, "title": shape.name}


def _used(schema: Any, components: dict[str, Any]) -> list[str]:
    """Names of the components that a schema refers to, and that those refer to."""
    names: list[str] = []
    rest = [schema]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            name = str(value.get("$ref", "")).rpartition("/")[2]
            if name and name not in names:
                names.append(name)
                rest.append(components[name])
            rest += value.values()
        elif isinstance(value, list):
            rest += value
    return names
