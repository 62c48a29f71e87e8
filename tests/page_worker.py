"""Runs the Python of a page for `pages.py`: a line of JSON in, [source, name]; one out, what it printed."""

import contextlib
import importlib
import io
import json
import sys
import traceback

sys.path[0] = ""  # the folder of the page, not that of the tests
names = {"__name__": "__main__"}
for line in sys.stdin:
    source, name = json.loads(line)
    printed = io.StringIO()
    importlib.invalidate_caches()  # a command may have generated modules in between
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            exec(compile(source, name, "exec", dont_inherit=True), names)
        except Exception as error:
            printed.write("".join(traceback.format_exception_only(error)))
    print(json.dumps(printed.getvalue()), flush=True)
