"""One at a time; who is in a hurry goes first."""

from __future__ import annotations

import asyncio

from bot.precedence import Precedence


class Visitors:
    """Take turns, and note in which order they came in."""

    def __init__(self):
        self.turns = Precedence()
        self.let_in = []

    async def visit(self, name, *, in_a_hurry=False, leaves=None):
        async with self.turns.taken(in_a_hurry=in_a_hurry):
            self.let_in.append(name)
            if leaves:
                await leaves.wait()


async def all_wait():
    """Let every task go on until it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


async def visited(*cancelled):
    """The order in which people come in while the first one stays for a while; some give up meanwhile."""
    visitors, leaves = Visitors(), asyncio.Event()
    first = asyncio.create_task(visitors.visit("first", leaves=leaves))
    await all_wait()
    others = {
        name: asyncio.create_task(visitors.visit(name, in_a_hurry=name.startswith("hurried")))
        for name in ("second", "third", "hurried", "hurried too")
    }
    await all_wait()
    for name in cancelled:
        others[name].cancel()
    leaves.set()
    await asyncio.wait([first, *others.values()])
    await visitors.visit("last")
    return visitors.let_in


def test_who_is_in_a_hurry_goes_before_all_others_who_wait():
    assert asyncio.run(visited()) == ["first", "hurried", "hurried too", "second", "third", "last"]


def test_who_gives_up_while_they_wait_holds_up_nobody():
    assert asyncio.run(visited("hurried", "second")) == ["first", "hurried too", "third", "last"]


def test_who_is_cancelled_at_the_moment_of_their_turn_passes_it_on():
    async def run():
        visitors, leaves = Visitors(), asyncio.Event()
        first = asyncio.create_task(visitors.visit("first", leaves=leaves))
        await all_wait()
        second, third = (asyncio.create_task(visitors.visit(name)) for name in ("second", "third"))
        await all_wait()
        leaves.set()
        await asyncio.sleep(0)  # the first has left, and the second does not know yet that it is their turn
        second.cancel()
        await asyncio.wait([first, second, third])
        return visitors.let_in

    assert asyncio.run(run()) == ["first", "third"]
