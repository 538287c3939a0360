"""What a developer needs to test with: memory twins of every port, and a sandbox of them all."""

from __future__ import annotations

from .clock import MemoryClock
from .doctors import demo_registry
from .emails import MemoryEmails
from .memory import MemoryStorage
from .messages import DeliveredMessage, MemoryMessaging
from .passwords import MemoryPasswords
from .registry import MemoryRegistry
from .sandbox import Sandbox
from .secrets import MemorySecrets

__all__ = [
    "DeliveredMessage",
    "MemoryClock",
    "MemoryEmails",
    "MemoryMessaging",
    "MemoryPasswords",
    "MemoryRegistry",
    "MemorySecrets",
    "MemoryStorage",
    "Sandbox",
    "demo_registry",
]
