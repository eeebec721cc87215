from sealwatch_cli.local.kernel import Stat, family_of, parse_stat


def test_a_program_name_with_brackets_and_spaces_does_not_shift_the_fields():
    text = "42 (a ) b) S 7 " + " ".join(str(n) for n in range(5, 22)) + " 987654 0"

    assert parse_stat(text) == Stat(state="S", parent=7, start_ticks=987_654)


def test_a_family_is_the_process_and_all_its_descendants():
    parents = {10: 1, 11: 10, 12: 11, 20: 1, 21: 20}

    assert set(family_of(10, parents)) == {10, 11, 12}
