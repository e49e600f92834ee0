-- When the token of an identity provider was made by which a user has their role: an older one that
-- is still good does not bring back what the provider has taken away since. In seconds, as there.
ALTER TABLE user_account ADD COLUMN role_told_at INTEGER;
