"""Pages that a signed link leads to: no script, nothing fetched, in Chinese and English. Pure.

A GET shows a page and changes nothing, because scanners of mail servers follow every link. Only the
button, a POST, does what the link is for (RFC 8058, 3.2 asks the same of unsubscribing).
"""

# ruff: noqa: RUF001  # Chinese punctuation

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from html import escape

from sealwatch.contracts.links import Purpose

STYLE = (
    "body{margin:0;background:#eceff1;color:#212121;font:16px/1.5 -apple-system,'Segoe UI','PingFang SC',"
    "'Microsoft YaHei','Noto Sans CJK SC',Arial,sans-serif}"
    "main{max-width:36em;margin:2em auto;padding:1em 1.5em;"
    "background:#fff}h1{font-size:1.25em}label{display:block;margin:1em 0 .25em}"
    "input,textarea{width:100%;box-sizing:border-box;font:inherit;padding:.4em}"
    "button{margin:1.25em 0;padding:.7em 1.5em;border:0;border-radius:4px;"
    "background:#263238;color:#fff;font:inherit}"
    "nav{font-size:.85em}"
)
_STYLE_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address of the page is the permission itself
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
}
CHINA = timezone(timedelta(hours=8))
LONGEST_NAME, LONGEST_ANSWER = 100, 2_000

_WORDS = {
    "en": {
        "title": "Sealwatch",
        "acknowledge": "Acknowledge the warning",
        "acknowledge_lead": "{product}: {before} → {after}, change no. {sequence}.",
        "many_lead": "{count} level changes that were told together.",
        "confirm": "Confirm this address",
        "confirm_lead": "Risk warnings for {department} will be sent to {address}.",
        "unsubscribe": "Stop the digests",
        "unsubscribe_lead": "Digests for {department} will no longer be sent. "
        "Single warnings go on: they are a duty.",
        "name": "Your name (optional)",
        "answer": "What is being done (optional)",
        "already": "Acknowledged by {who} at {at}. You may add an answer.",
        "done_acknowledge": "Recorded: the warning is acknowledged.",
        "done_confirm": "Confirmed: warnings will be sent to this address.",
        "done_unsubscribe": "Done: no more digests will be sent.",
        "gone": "This link is not valid, or its time is over.",
        "other": "中文",
    },
    "zh": {
        "title": "Sealwatch",
        "acknowledge": "确认收到预警",
        "acknowledge_lead": "{product}：{before} → {after}，变化序号{sequence}。",
        "many_lead": "汇总通知的{count}次等级变化。",
        "confirm": "确认本邮箱",
        "confirm_lead": "{department}的风险预警将发送至{address}。",
        "unsubscribe": "不再接收汇总邮件",
        "unsubscribe_lead": "将不再发送{department}的汇总邮件。逐条预警属于职责事项，仍会发送。",
        "name": "您的姓名（可不填）",
        "answer": "处理情况（可不填）",
        "already": "{who}已于{at}确认。您可以补充处理情况。",
        "done_acknowledge": "已记录：预警已确认收到。",
        "done_confirm": "已确认：预警将发送至本邮箱。",
        "done_unsubscribe": "已完成：不再发送汇总邮件。",
        "gone": "链接无效或已过期。",
        "other": "English",
    },
}
LEVELS = {
    "en": ("not assessed", "low (blue)", "medium (yellow)", "high (orange)", "serious (red)"),
    "zh": ("未评估", "低风险（蓝色）", "中风险（黄色）", "高风险（橙色）", "严重风险（红色）"),
}
_NAMES = {Purpose.ACKNOWLEDGE: "acknowledge", Purpose.CONFIRM: "confirm", Purpose.UNSUBSCRIBE: "unsubscribe"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page tells of the subject of its link."""

    purpose: Purpose
    facts: Mapping[str, object]
    already: Mapping[str, object] | None = None
    many: bool = False


def asking(shown: Shown, language: str) -> str:
    """Return the page with the button; nothing has happened yet."""
    words, name = _WORDS[language], _NAMES[shown.purpose]
    lead = _said(words["many_lead" if shown.many else f"{name}_lead"], _told(shown.facts, language))
    already = f"<p>{_said(words['already'], shown.already)}</p>" if shown.already else ""
    fields = _fields(words) if shown.purpose is Purpose.ACKNOWLEDGE else ""
    form = f'<form method="post">{fields}<button>{escape(words[name])}</button></form>'
    return _page(language, words[name], f"<p>{lead}</p>{already}{form}")


def done(purpose: Purpose, language: str) -> str:
    """Return the page after the button."""
    name = _NAMES[purpose]
    return _page(language, _WORDS[language][name], f"<p>{escape(_WORDS[language][f'done_{name}'])}</p>")


def gone(language: str) -> str:
    """Return the one page for a false link, an ended one, and one whose subject is no more."""
    return _page(language, _WORDS[language]["title"], f"<p>{escape(_WORDS[language]['gone'])}</p>")


def language_of(asked: str | None, accepted: str) -> str:
    """Return the language asked for by the link, else the one of the browser, else English."""
    if asked in _WORDS:
        return asked
    return "zh" if accepted.strip().lower().startswith("zh") else "en"


def shown_at(at: datetime) -> str:
    """Return an instant as it is read in China."""
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M UTC+08:00")


def _told(facts: Mapping[str, object], language: str) -> dict[str, object]:
    levels = {n: LEVELS[language][int(str(facts[n]))] for n in ("before", "after") if n in facts}
    return {**facts, **levels}


def _said(words: str, facts: Mapping[str, object]) -> str:
    return escape(words.format(**facts))


def _fields(words: Mapping[str, str]) -> str:
    return (
        f'<label for="name">{escape(words["name"])}</label>'
        f'<input id="name" name="name" maxlength="{LONGEST_NAME}" autocomplete="name">'
        f'<label for="answer">{escape(words["answer"])}</label>'
        f'<textarea id="answer" name="answer" rows="4" maxlength="{LONGEST_ANSWER}"></textarea>'
    )


def _page(language: str, title: str, body: str) -> str:
    other = "en" if language == "zh" else "zh"
    tongue = "zh-CN" if language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{tongue}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}"
        f'<nav><a href="?language={other}">{_WORDS[language]["other"]}</a></nav></main></body></html>\n'
    )
