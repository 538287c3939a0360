"""What a developer needs to test with: memory twins of every port, and a sandbox of them all."""

from __future__ import annotations

from .memory import MemoryStorage
from .registry import MemoryRegistry, demo_registry
from .sandbox import Sandbox
from .services import (
    DeliveredMessage,
    MemoryBlocklist,
    MemoryClock,
    MemoryEmails,
    MemoryMessaging,
    MemoryPasswords,
    MemorySecrets,
)

__all__ = [
    "DeliveredMessage",
    "MemoryBlocklist",
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
