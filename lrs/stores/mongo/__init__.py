"""Statements in MongoDB: any number of processes on any number of machines over one database."""

from lrs.stores.mongo.store import MongoStore

__all__ = ["MongoStore"]
