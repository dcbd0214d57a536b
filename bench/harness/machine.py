"""What the figures were measured on."""

import os
import platform
import re
import subprocess
from pathlib import Path


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def cpu() -> str:
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor() or platform.machine()
    text = info.read_text()
    names = re.findall(r"^model name\s*: (.*)$", text, re.MULTILINE)
    models = re.findall(r"^model\s*: (\d+)$", text, re.MULTILINE)
    name = names[0] if names else platform.machine()
    return f"{name}, model {models[0]}" if models else name


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def memory() -> str:
    info = Path("/proc/meminfo")
    if not info.exists():
        return "unknown"
    kilobytes = int(re.search(r"MemTotal:\s*(\d+)", info.read_text()).group(1))
    return f"{kilobytes / 2**20:.0f} GiB"


def describe() -> dict[str, str]:
    return {
        "CPU": f"{cpu()}, {cores()} cores",
        "Memory": memory(),
        "System": f"{platform.system()} {platform.machine()}",
        "Go": said("go", "env", "GOVERSION"),
        "Python": platform.python_version(),
    }


def commit() -> str:
    """The commit that was built, with a star when the Go code differs from it."""
    changed = said("git", "status", "--porcelain", "--untracked-files=no", "--", "..", ":!../docs", ":!../bench")
    return said("git", "rev-parse", "--short", "HEAD") + ("*" if changed else "")
