-- Logins: how old a temporary password is, when a session was last used, and when its password was last shown.

-- Nothing: the password is as old as its login.
alter table users add column password_set_at bigint;

-- Nothing: not since the session began. Kept to a few minutes.
alter table tokens add column last_used_at bigint;
alter table tokens add column confirmed_at bigint;
