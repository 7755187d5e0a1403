"""What a run of secret sharing shows, and what theory says of it."""

from typing import Any

from qcisim.programs import Formula, Links, Rate, rate


def figures(rounds: list[Any], dishonest: bool) -> dict[str, Rate]:
    """How often the players together are wrong about the dealer's bit, and how often one alone is right."""
    used = [one for one in rounds if one["alice"]["used"]]
    wrong = (one["alice"]["bit"] ^ one["bob"]["bit"] ^ one["charlie"]["bit"] ^ one["alice"]["odd"] for one in used)
    return {
        "errors together": rate(wrong),
        "Bob alone is right": rate(one["bob"]["guess"] == one["alice"]["bit"] for one in used),
        "Charlie alone is right": rate(one["charlie"]["guess"] == one["alice"]["bit"] for one in used),
        "rounds used": rate(one["alice"]["used"] for one in rounds),
    }


def expected(links: Links, dishonest: bool) -> dict[str, Formula]:
    """A phase error of either pair is an error; Bob's basis is Charlie's in half of the rounds, else useless."""
    near, far = links.werner("alice", "bob"), links.werner("bob", "charlie")
    half = Formula(0.5, "1/2")
    if dishonest:
        wrong, bob = Formula((1 - near * far / 2) / 2, "(1 - w1 w2/2)/2"), Formula((1 + near / 2) / 2, "(1 + w1/2)/2")
    else:
        wrong, bob = Formula((1 - near * far) / 2, "(1 - w1 w2)/2"), half
    return {
        "errors together": wrong,
        "Bob alone is right": bob,
        "Charlie alone is right": half,
        "rounds used": half,
    }
