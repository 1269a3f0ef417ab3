"""The tags of torrents."""

from __future__ import annotations

from ninja import Router

from torrents.tags_in_use import tags_in_use

from .. import auth
from ..calling import ProgramRequest
from ..problems import answers
from ..schemas.tags import TagOut, Tags

router = Router(tags=["tags"])


@router.get("/tags", auth=auth.read, response=answers(Tags), operation_id="list_tags", summary="List tags")
def list_tags(request: ProgramRequest) -> Tags:
    """Return the 200 tags on the most torrents that you see."""
    found = tags_in_use(request.user)
    return Tags(items=[TagOut(name=name, torrents=count) for name, count in found])
