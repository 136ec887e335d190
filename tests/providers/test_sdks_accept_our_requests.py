"""What our client sends is what the vendors' SDKs would send: every field is one of theirs, of the right type."""

import typing

import pytest
from anthropic.types import ImageBlockParam, TextBlockParam
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from google.genai import types
from ollama._types import ChatRequest
from openai.types.chat import ChatCompletionContentPartImageParam, ChatCompletionContentPartTextParam
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.responses import ResponseFormatTextJSONSchemaConfigParam, ResponseInputImageParam, ResponseInputTextParam
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from openai.types.shared_params import Reasoning, ResponseFormatJSONSchema
from pydantic import TypeAdapter

NAMES = {
    "gemini": "gemini", "responses": "openai", "chat": "openai_compatible", "anthropic": "anthropic", "ollama": "ollama",
}


@pytest.fixture
def bodies(program):
    """Our client's question in each protocol."""
    sent = {}
    for protocol, name in NAMES.items():
        program.tell("ask", name, program.addresses[protocol], "some-model", program.key)
        request = program.request(protocol)
        assert request["complaints"] == []
        sent[protocol] = request["body"]
    return sent


def fits(body, form):
    """A TypedDict holds it, with no field that it does not know."""
    known = typing.get_type_hints(form)
    unknown = set(body) - set(known)
    assert not unknown, f"{form.__name__} has no {unknown}"
    TypeAdapter(form).validate_python(body)


def test_openai_responses(bodies):
    body = bodies["responses"]
    fits(body, ResponseCreateParamsNonStreaming)
    fits(body["text"]["format"], ResponseFormatTextJSONSchemaConfigParam)
    fits(body["reasoning"], Reasoning)
    for part in body["input"][0]["content"]:
        fits(part, ResponseInputTextParam if part["type"] == "input_text" else ResponseInputImageParam)


def test_openai_chat(bodies):
    body = bodies["chat"]
    fits(body, CompletionCreateParamsNonStreaming)
    fits(body["response_format"], ResponseFormatJSONSchema)
    for part in body["messages"][1]["content"]:
        text = part["type"] == "text"
        fits(part, ChatCompletionContentPartTextParam if text else ChatCompletionContentPartImageParam)


def test_anthropic(bodies):
    body = bodies["anthropic"]
    fits(body, MessageCreateParamsNonStreaming)
    for block in body["messages"][0]["content"]:
        fits(block, TextBlockParam if block["type"] == "text" else ImageBlockParam)


def test_gemini(bodies):
    body = bodies["gemini"]
    assert set(body) == {"systemInstruction", "contents", "generationConfig"}
    # These models refuse fields that they do not know.
    types.GenerateContentConfig.model_validate(body["generationConfig"])
    types.Content.model_validate(body["systemInstruction"])
    picture = [types.Content.model_validate(content) for content in body["contents"]][0].parts[0]
    assert picture.inline_data.mime_type == "image/jpeg" and picture.inline_data.data[:2] == b"\xff\xd8"


def test_ollama(bodies):
    body = bodies["ollama"]
    assert not set(body) - set(ChatRequest.model_fields)
    ChatRequest.model_validate(body)


def test_the_check_can_fail(bodies):
    with pytest.raises(AssertionError):
        fits({**bodies["responses"], "max_tokens": 1}, ResponseCreateParamsNonStreaming)
    with pytest.raises(ValueError):
        types.GenerateContentConfig.model_validate({"responseSchemaJson": {}})
