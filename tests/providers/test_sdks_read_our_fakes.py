"""The vendors' own SDKs understand what our fakes say: answers, thoughts, refusals, cuts, errors."""

import base64
import json
import pathlib

import anthropic
import httpx
import ollama
import openai
import pytest
from google import genai
from google.genai import errors, types

ROOM = pathlib.Path(__file__).parents[2] / "assets/rooms/kitchen/day-08.jpg"
DATA = base64.b64encode(ROOM.read_bytes()).decode()
URL = f"data:image/jpeg;base64,{DATA}"
WORDS = "Say it as JSON Schema with additionalProperties says."
SCHEMA = {"type": "object", "additionalProperties": False, "required": [], "properties": {}}


@pytest.fixture
def vendors(program):
    at = program.addresses
    return {
        "openai": openai.OpenAI(api_key=program.key, base_url=at["responses"], max_retries=0),
        "chat": openai.OpenAI(api_key=program.key, base_url=at["chat"], max_retries=0),
        "anthropic": anthropic.Anthropic(
            api_key=program.key, base_url=at["anthropic"].removesuffix("/v1"), max_retries=0
        ),
        "gemini": genai.Client(
            api_key=program.key,
            http_options=types.HttpOptions(base_url=at["gemini"].removesuffix("/v1beta"), api_version="v1beta"),
        ),
        "ollama": ollama.Client(host=at["ollama"], headers={"Authorization": f"Bearer {program.key}"}),
    }


def responses(vendors):
    picture = {"type": "input_image", "image_url": URL, "detail": "auto"}
    return vendors["openai"].responses.create(
        model="gpt-6-luna", store=False, max_output_tokens=100,
        input=[{"role": "user", "content": [{"type": "input_text", "text": WORDS}, picture]}],
    )


def chat(vendors):
    picture = {"type": "image_url", "image_url": {"url": URL}}
    return vendors["chat"].chat.completions.create(
        model="some/model", max_tokens=100,
        messages=[
            {"role": "system", "content": "You look."},
            {"role": "user", "content": [{"type": "text", "text": WORDS}, picture]},
        ],
    )


def messages(vendors):
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": DATA}}
    return vendors["anthropic"].messages.create(
        model="claude-haiku-5-5", max_tokens=100,
        messages=[{"role": "user", "content": [picture, {"type": "text", "text": WORDS}]}],
    )


def generate(vendors):
    picture = types.Part.from_bytes(data=ROOM.read_bytes(), mime_type="image/jpeg")
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_json_schema=SCHEMA, max_output_tokens=100
    )
    return vendors["gemini"].models.generate_content(
        model="gemini-3.5-flash-lite", contents=[picture, WORDS], config=config
    )


def ask_ollama(vendors):
    return vendors["ollama"].chat(
        model="qwen3-vl:8b", format=SCHEMA, keep_alive="10m", options={"num_ctx": 8192},
        messages=[{"role": "user", "content": WORDS, "images": [DATA]}],
    )


def test_a_good_answer(program, vendors):
    texts = [
        responses(vendors).output_text,
        chat(vendors).choices[0].message.content,
        messages(vendors).content[0].text,
        generate(vendors).text,
        ask_ollama(vendors).message.content,
    ]
    assert [json.loads(text)["score"] for text in texts] == [62] * 5


def test_token_counts(vendors):
    usage = responses(vendors).usage
    assert (usage.input_tokens, usage.output_tokens, usage.output_tokens_details.reasoning_tokens) == (410, 90, 40)
    assert chat(vendors).usage.completion_tokens == 90
    usage = messages(vendors).usage
    assert (usage.input_tokens, usage.cache_read_input_tokens) == (410, 2)
    assert generate(vendors).usage_metadata.thoughts_token_count == 120
    assert ask_ollama(vendors).prompt_eval_count == 900


def test_thoughts_come_apart_from_the_answer(program, vendors):
    for protocol in program.addresses:
        program.play(protocol, "ThinkingFirst")
    answer = responses(vendors)
    assert answer.output[0].type == "reasoning" and json.loads(answer.output_text)["score"] == 62
    answer = messages(vendors)
    assert [block.type for block in answer.content] == ["thinking", "text"]
    parts = generate(vendors).candidates[0].content.parts
    assert [bool(part.thought) for part in parts] == [True, False]
    answer = ask_ollama(vendors).message
    assert answer.thinking and json.loads(answer.content)["score"] == 62
    assert "</think>" in chat(vendors).choices[0].message.content


def test_an_answer_that_is_cut(program, vendors):
    for protocol in program.addresses:
        program.play(protocol, "Truncated")
    answer = responses(vendors)
    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert chat(vendors).choices[0].finish_reason == "length"
    assert messages(vendors).stop_reason == "max_tokens"
    assert generate(vendors).candidates[0].finish_reason == types.FinishReason.MAX_TOKENS
    assert ask_ollama(vendors).done_reason == "length"


def test_a_refusal(program, vendors):
    for protocol in program.addresses:
        program.play(protocol, "Refused")
    assert responses(vendors).output[0].content[0].refusal
    assert chat(vendors).choices[0].message.refusal
    answer = messages(vendors)
    assert (answer.stop_reason, answer.content) == ("refusal", [])
    assert generate(vendors).prompt_feedback.block_reason == types.BlockedReason.PROHIBITED_CONTENT


@pytest.mark.parametrize(
    ("scenario", "status"),
    [("BadKey", 401), ("RateLimited", 429), ("QuotaSpent", 429), ("ModelGone", 404), ("ServerError", 500)],
)
def test_errors(program, vendors, scenario, status):
    kinds = {401: "AuthenticationError", 429: "RateLimitedError", 404: "NotFoundError", 500: "InternalServerError"}
    kind = kinds[status].replace("RateLimited", "RateLimit")
    for protocol in ["responses", "chat", "anthropic", "gemini"]:
        program.play(protocol, scenario)
    for module, ask in [(openai, responses), (openai, chat), (anthropic, messages)]:
        with pytest.raises(getattr(module, kind)) as error:
            ask(vendors)
        assert error.value.status_code == status and error.value.body, scenario
    with pytest.raises(errors.APIError) as error:
        generate(vendors)
    # With Google a bad key is a bad request.
    assert error.value.code == (400 if scenario == "BadKey" else status)
    assert error.value.status and error.value.message


def test_the_stated_waits_are_where_the_vendors_clients_look(program, vendors):
    for protocol, module, ask, seconds in [
        ("responses", openai, responses, 30), ("chat", openai, chat, 30), ("anthropic", anthropic, messages, 30),
    ]:
        program.play(protocol, "RateLimited")
        with pytest.raises(module.RateLimitError) as error:
            ask(vendors)
        client = vendors["anthropic" if protocol == "anthropic" else "openai"]
        assert client._parse_retry_after_header(error.value.response.headers) == seconds


def test_errors_of_ollama(program, vendors):
    for scenario, status in [("ModelGone", 404), ("TextOnly", 400), ("Overloaded", 503), ("BadKey", 401)]:
        program.play("ollama", scenario)
        with pytest.raises(ollama.ResponseError) as error:
            ask_ollama(vendors)
        assert error.value.status_code == status and error.value.error


def test_models(program, vendors):
    assert vendors["openai"].models.retrieve("gpt-6-luna").id == "gpt-6-luna"
    card = vendors["anthropic"].models.retrieve("claude-haiku-5-5")
    assert card.capabilities.image_input.supported and card.retires_at is None
    card = vendors["gemini"].models.get(model="gemini-3.5-flash-lite")
    assert card.input_token_limit > 1000
    assert "vision" in vendors["ollama"].show("qwen3-vl:8b").capabilities
    assert vendors["ollama"].ps().models[0].model == "qwen3-vl:8b"


def test_a_wrong_key_is_turned_away(program):
    stranger = openai.OpenAI(api_key="sk-wrong", base_url=program.addresses["chat"], max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        chat({"chat": stranger})
    assert httpx.get(program.addresses["ollama"] + "/api/ps").status_code == 401
