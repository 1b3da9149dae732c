"""Drives wrk: a list of tokens and paths, with a body where something is written, in turn."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = """
local lines, prepared, at = {}, {}, 0
for line in io.lines("%s") do lines[#lines + 1] = line end
init = function()
  for number, line in ipairs(lines) do
    local token, path, body = line:match("^(%%S+) (%%S+) ?(.*)$")
    local headers = { ["Authorization"] = "Bearer " .. token }
    if body == "" then
      prepared[number] = wrk.format("GET", path, headers)
    else
      headers["Content-Type"] = "application/json"
      prepared[number] = wrk.format("POST", path, headers, body)
    end
  end
end
request = function()
  at = at %% #prepared + 1
  return prepared[at]
end
done = function(summary, latency)
  local wrong = summary.errors
  io.write(string.format("\\nresult %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    wrong.status + wrong.read + wrong.write + wrong.timeout + wrong.connect,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Measured:
    """What wrk saw."""

    requests: int
    rate: float
    """Requests a second."""
    middle: float
    """The median latency, milliseconds."""
    slow: float
    """The 99th percentile, milliseconds."""
    wrong: int
    """Answers that were no success, and those that did not come."""
    processor: float = 0.0
    """Microseconds of processor time a request, of all that serves."""


def drive(
    url: str, lines: Sequence[str], folder: Path, *, seconds: int, connections: int, core: str
) -> Measured:
    """Send each line's request in turn, from one core, for some seconds."""
    (folder / "lines").write_text("\n".join(lines))
    script = folder / "load.lua"
    script.write_text(SCRIPT % (folder / "lines"))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), url]
    told = subprocess.run(
        ["taskset", "-c", core, *command], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    requests, micros, wrong, middle, slow = map(int, told.rsplit("result", 1)[1].split())
    return Measured(requests, requests / micros * 1e6, middle / 1000, slow / 1000, wrong)
