"""The words of a test send, which tells of nothing but itself."""

import json

HEADLINES = {
    "en": "Test: warnings of Sealwatch arrive here",
    "zh": "测试：Sealwatch预警可送达此处",  # noqa: RUF001  # Chinese punctuation
}


def render_trial(subscription_id: bytes, language: str) -> bytes:
    """Return the body, the same at every attempt."""
    data = {"headline": HEADLINES[language], "subscription_id": subscription_id.hex()}
    body = {"type": "endpoint.test", "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
