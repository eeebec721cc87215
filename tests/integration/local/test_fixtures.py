import asyncpg

from sealwatch_cli.local.probe import kafka_answers
from tests.servers import KafkaServer, PostgresServer


def test_the_broker_of_the_run_answers(kafka: KafkaServer):
    port = int(kafka.bootstrap.partition(":")[2])

    assert kafka_answers(port)


async def test_every_module_gets_an_empty_database(postgres: PostgresServer):
    first, second = postgres.fresh(), postgres.fresh()

    link = await asyncpg.connect(first)
    tables = await link.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await link.close()

    assert first != second
    assert tables == 0
