-- Who may do what: users that are switched off, rules of structures, permissions everywhere.
-- A subject is EVERYONE, ROLE: with the name of a role, or USER: with the id of a user; of these
-- last, `user_id` lets the rule go with the user.

ALTER TABLE user_account ADD COLUMN active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1));

ALTER TABLE token ADD COLUMN name TEXT NOT NULL DEFAULT '';
CREATE INDEX token_by_expiry ON token (expires_at) WHERE expires_at IS NOT NULL;

CREATE INDEX structure_by_owner ON structure (owner_id);

-- Levels: 1 VIEW, 2 EDIT, 3 AUTOMATE, 4 CONTROL. The highest of those that match counts.
CREATE TABLE structure_permission (
    structure_id INTEGER NOT NULL REFERENCES structure (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    user_id INTEGER REFERENCES user_account (id) ON DELETE CASCADE,
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 4),
    PRIMARY KEY (structure_id, subject),
    CHECK (subject IN ('EVERYONE', 'ROLE:MEMBER', 'ROLE:ADMIN') OR subject = 'USER:' || user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX structure_permission_by_subject ON structure_permission (subject, structure_id);
CREATE INDEX structure_permission_by_user ON structure_permission (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE global_permission (
    permission TEXT NOT NULL CHECK (permission IN ('CONTROL_SYNCHRONIZERS')),
    subject TEXT NOT NULL,
    user_id INTEGER REFERENCES user_account (id) ON DELETE CASCADE,
    PRIMARY KEY (permission, subject),
    CHECK (subject IN ('EVERYONE', 'ROLE:MEMBER', 'ROLE:ADMIN') OR subject = 'USER:' || user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX global_permission_by_user ON global_permission (user_id) WHERE user_id IS NOT NULL;

-- Whoever had synchronizers before there was a permission for it may go on.
INSERT INTO global_permission (permission, subject, user_id)
SELECT DISTINCT 'CONTROL_SYNCHRONIZERS', 'USER:' || user_account.id, user_account.id
FROM synchronizer JOIN user_account ON user_account.id = synchronizer.run_as_id
WHERE user_account.role = 'MEMBER';

-- Grows whenever somebody may do something that they might not before, or no longer may.
INSERT INTO counter (name, value) VALUES ('access', 0);
