"""Metric math over one value of each metric: numbers, ids, `+ - * /`, comparisons, AND, OR and IF.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping

from local_aws.call import AwsError

WORDS = ((r"&&|\bAND\b", " and "), (r"\|\||\bOR\b", " or "))
ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
COMPARISONS: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def check_expression(expression: str, ids: Iterable[str]) -> None:
    """Raise AwsError for an expression that is wrong, names another id, or needs more of metric math than there is here."""
    try:
        evaluate(parse(expression), dict.fromkeys(ids, 1.0))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise AwsError("ValidationError", f"Error in expression '{expression}': it cannot be parsed.") from None
    except ArithmeticError:
        pass  # of these values; with others it has a value


def value_of_expression(expression: str, values: Mapping[str, float | None]) -> float | None:
    """Evaluate the expression; None where a metric has no value, or where it divides by zero."""
    present = {name: value for name, value in values.items() if value is not None}
    if len(present) < len(values):
        return None
    try:
        return evaluate(parse(expression), present)
    except ArithmeticError:
        return None


def parse(expression: str) -> ast.expr:
    for pattern, word in WORDS:
        expression = re.sub(pattern, word, expression)
    return ast.parse(expression.strip(), mode="eval").body


def evaluate(node: ast.expr, values: Mapping[str, float]) -> float:
    """The value of a node; a comparison is 1 or 0."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -evaluate(operand, values)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            return ARITHMETIC[type(op)](evaluate(left, values), evaluate(right, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
            return float(COMPARISONS[type(op)](evaluate(left, values), evaluate(right, values)))
        case ast.BoolOp(op=op, values=parts):
            holds = [bool(evaluate(part, values)) for part in parts]
            return float(all(holds) if isinstance(op, ast.And) else any(holds))
        case ast.Call(func=ast.Name(id="IF"), args=[condition, yes, no], keywords=[]):
            chosen = evaluate(condition, values), evaluate(yes, values), evaluate(no, values)
            return chosen[1] if chosen[0] else chosen[2]
    known = ", ".join(values)
    raise AwsError(
        "ValidationError",
        f"local_aws knows no {ast.unparse(node)} in metric math, only numbers, {known}, + - * /, comparisons, AND, OR, IF.",
    )
