"""The history of a product's facts."""

FACTS = {"name": "Label", "category": "labels", "severity_class": 3}


async def test_every_revision_is_listed_newest_first_with_who_recorded_it(doors, key):
    await doors.ask("PUT", "/v1/products/HISTORY", key, json=FACTS)
    told = await doors.ask("PUT", "/v1/products/HISTORY", key, json=FACTS | {"severity_class": 4})

    newest, oldest = (await doors.ask("GET", "/v1/products/HISTORY/facts", key)).json()["items"]

    assert (newest["facts_revision"], oldest["facts_revision"]) == (2, 1)
    assert (newest["facts"]["severity_class"], oldest["facts"]["severity_class"]) == (4, 3)
    assert newest["uid"] == told.json()["uid"]
    assert newest["recorded_by"].startswith("centre/")


async def test_revisions_come_in_pages(doors, key):
    for severity in (1, 2, 3):
        await doors.ask("PUT", "/v1/products/PAGES", key, json=FACTS | {"severity_class": severity})
    first = (await doors.ask("GET", "/v1/products/PAGES/facts?limit=2", key)).json()

    rest = (
        await doors.ask("GET", f"/v1/products/PAGES/facts?limit=2&cursor={first['next_cursor']}", key)
    ).json()

    assert [one["facts_revision"] for one in first["items"] + rest["items"]] == [3, 2, 1]
    assert rest["next_cursor"] is None


async def test_a_product_nobody_described_has_no_history(doors, key):
    answer = await doors.ask("GET", "/v1/products/NOBODY/facts", key)

    assert answer.status_code == 404
