"""Where the mail server hands in its reports of letters that did not arrive."""

from fastapi import APIRouter
from starlette.requests import Request

from sealwatch.contracts.door import BadBody
from sealwatch.contracts.links import Link, Purpose
from sealwatch.shell.logs import logger
from sealwatch_api.auth import BouncesWriter
from sealwatch_api.bodies import received
from sealwatch_api.queries import links
from sealwatch_api.queries import mailboxes as queries
from sealwatch_api.reports import bounce_of
from sealwatch_api.views import BounceTaken

router = APIRouter(tags=["mailboxes"])
MEDIA_TYPE = "message/rfc822"
MOST_BYTES = 256 * 1024  # a report with the headers it returns; servers cut the letter itself; ours
_BODY = {"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}}


@router.post("/v1/bounces", status_code=202, openapi_extra=_BODY)
async def post_bounce(request: Request, access: BouncesWriter) -> BounceTaken:
    """Take a report as it came (RFC 3464): the third hard one since an address said yes suspends it.

    Anything else that came to the address of returns, such as an out-of-office note, is ignored.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise BadBody(415, "unsupported_media_type")
    bounce = bounce_of(await received(request, MOST_BYTES))
    if bounce is None:
        return BounceTaken(outcome="ignored")
    now = access.parts.clock()
    async with access.parts.engine.connect() as connection:
        mailbox_id = await queries.of_letter(connection, bounce.letter)
        owner = await links.owner(connection, Link(Purpose.CONFIRM, mailbox_id or b"", now))
    if mailbox_id is None or owner is None:
        return BounceTaken(outcome="ignored")
    async with access.parts.transaction(owner) as connection:
        said = (bounce.letter, bounce.hard, bounce.detail)
        suspended = await queries.record_bounce(connection, mailbox_id, said, now)
    if suspended:
        logger().warning("address suspended", mailbox=mailbox_id.hex())
    return BounceTaken(outcome="suspended" if suspended else "recorded")
