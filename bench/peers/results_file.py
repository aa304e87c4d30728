"""Results files."""

import json
import re


def compact(result):
    """JSON with a line for each row, so that versions of the file can be compared."""
    text = json.dumps(result, indent=1)
    return re.sub(r"\n {3,}|\n {2}(?=[\]}])", " ", text)


def merged(old, new, *keys):
    """Rows of which the new ones replace those with the same values of the keys."""
    rows = {tuple(row[key] for key in keys): row for row in old + new}
    return list(rows.values())
