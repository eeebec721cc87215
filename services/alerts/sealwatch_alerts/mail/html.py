"""A letter as HTML: styles in place, no script, no picture, nothing fetched from anywhere.

Tables carry the layout, because mail programs that render with a word processor know nothing else.
"""

from collections.abc import Iterable
from html import escape

from sealwatch_alerts.mail.blocks import Block, Button, Colour, Lead, Note, Table

FONT = "-apple-system,'Segoe UI','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',Arial,sans-serif"
_CELL = "padding:6px 12px 6px 0;vertical-align:top;border-bottom:1px solid #eceff1"
_FRAME = (
    '<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light">'
    "<title>{title}</title></head>"
    '<body style="margin:0;padding:0;background:#eceff1">'
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" '
    'style="padding:16px 8px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" '
    'style="max-width:600px;background:#ffffff;font-family:{font};font-size:15px;line-height:1.5;'
    'color:#212121;word-break:break-word">'
    '<tr><td style="background:{back};color:{fore};padding:16px 24px;font-size:18px;font-weight:bold">{title}'
    '</td></tr><tr><td style="padding:8px 24px 20px">{body}</td></tr></table></td></tr></table></body>'
    "</html>\n"
)


def in_html(title: str, blocks: Iterable[Block], language: str, colour: Colour) -> str:
    """Return a letter as one page of HTML; everything it says is escaped."""
    back, fore = colour.value
    body = "".join(_written(block) for block in blocks)
    tongue = "zh-CN" if language == "zh" else language
    return _FRAME.format(language=tongue, title=escape(title), font=FONT, back=back, fore=fore, body=body)


def _written(block: Block) -> str:
    match block:
        case Lead(said):
            return f'<p style="margin:12px 0;font-size:16px">{escape(said)}</p>'
        case Note(said):
            return f'<p style="margin:8px 0;font-size:13px;color:#546e7a">{escape(said)}</p>'
        case Button():
            return _button(block)
        case Table(heading, rows):
            return f'<p style="margin:16px 0 4px;font-weight:bold">{escape(heading)}</p>{_table(rows)}'
        case _:
            return _table(block.rows)


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><td width="34%" style="{_CELL};color:#546e7a">{escape(name)}</td>'
        f'<td style="{_CELL}">{escape(value)}</td></tr>'
        for name, value in rows
    )
    return (
        '<table width="100%" cellpadding="0" cellspacing="0" '
        f'style="margin:8px 0;border-collapse:collapse;font-size:15px">{cells}</table>'
    )


def _button(button: Button) -> str:
    href, label = escape(button.url), escape(button.label)
    if button.quiet:
        return f'<p style="margin:8px 0"><a href="{href}" style="color:#1565c0">{label}</a></p>'
    return (
        '<table role="presentation" cellpadding="0" cellspacing="0" style="margin:20px 0 8px"><tr>'
        '<td style="background:#263238;border-radius:4px;padding:12px 24px">'
        f'<a href="{href}" style="color:#ffffff;text-decoration:none;font-weight:bold">{label}</a>'
        "</td></tr></table>"
    )
