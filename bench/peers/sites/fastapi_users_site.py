"""fastapi-users over async SQLAlchemy, with bearer tokens that need no row: its quickest way."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users.password import PasswordHelper
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from bench.peers.inside import count_hashes, counting_asgi, hand_over

count_hashes()

SECRET = "of a measurement and of nothing else"
MEMORY, TIMES, LANES = map(int, os.environ["PEER_HASH"].split(","))


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    pass


url = make_url(os.environ["PEER_DATABASE"])
if url.get_backend_name() == "sqlite":
    url = url.set(drivername="sqlite+aiosqlite")
    engine = create_async_engine(url, connect_args={"timeout": 30}, pool_size=10)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection, _):
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()
else:
    engine = create_async_engine(url.set(drivername="postgresql+asyncpg"), pool_size=10)

make_session = async_sessionmaker(engine, expire_on_commit=False)


class Manager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    reset_password_token_secret = SECRET
    verification_token_secret = SECRET

    async def on_after_request_verify(self, user, token, *_):
        hand_over(user.email, f"To confirm your address: {token}")

    async def on_after_forgot_password(self, user, token, *_):
        hand_over(user.email, f"To choose another password: {token}")


hasher = Argon2Hasher(time_cost=TIMES, memory_cost=MEMORY, parallelism=LANES)
passwords = PasswordHelper(PasswordHash((hasher,)))


async def session() -> AsyncIterator[AsyncSession]:
    async with make_session() as opened:
        yield opened


async def user_db(opened: Annotated[AsyncSession, Depends(session)]):
    yield SQLAlchemyUserDatabase(opened, User)


async def manager(users: Annotated[SQLAlchemyUserDatabase, Depends(user_db)]):
    yield Manager(users, passwords)


backend = AuthenticationBackend(
    "jwt",
    transport=BearerTransport(tokenUrl="auth/login"),
    get_strategy=lambda: JWTStrategy(secret=SECRET, lifetime_seconds=3600),
)
users = FastAPIUsers[User, uuid.UUID](manager, [backend])


class Read(schemas.BaseUser[uuid.UUID]):
    pass


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
for router in (
    users.get_register_router(Read, schemas.BaseUserCreate),
    users.get_verify_router(Read),
    users.get_reset_password_router(),
    users.get_auth_router(backend, requires_verification=True),
):
    app.include_router(router, prefix="/auth")


@app.get("/me")
async def me(
    user: Annotated[User, Depends(users.current_user(active=True, verified=True))],
) -> dict[str, str]:
    return {"email": user.email}


application = counting_asgi(app)
