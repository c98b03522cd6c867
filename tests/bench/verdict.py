"""How a figure is told beside its goal."""


def verdict(value: float, goal: float, digits: int = 2) -> str:
    """`≤ goal`, marked where the value is over it."""
    return f"≤ {goal}" + ("" if round(value, digits) <= goal else "   OVER")
