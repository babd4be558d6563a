"""Accounts of the console: Django's own, with its password rules."""

from __future__ import annotations

from attrs import frozen
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from console.web.templatetags.canhgiac import when


@frozen(kw_only=True)
class Account:
    """One account. last_login: as shown, or empty."""

    name: str
    active: bool
    last_login: str


def put_account(name: str, password: str) -> list[str]:
    """Makes the account, or gives it a new password; the reasons why the password is refused, if it is."""
    user = User.objects.filter(username=name).first() or User(username=name)
    try:
        user.clean_fields(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        return list(error.messages)
    user.set_password(password)
    user.is_active = True
    user.save()
    return []


def list_accounts() -> list[Account]:
    """All accounts by name."""
    return [
        Account(name=user.username, active=user.is_active, last_login=when(user.last_login) if user.last_login else "")
        for user in User.objects.order_by("username")
    ]
