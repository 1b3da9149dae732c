-- Makes the accounts of loapi. Run it once, as a DBA, in the pluggable database:
--
--     sqlplus system@SERVICE @accounts.sql
--
-- Passwords travel in the statements that set them: use an encrypted or a local connection. They may
-- hold any character but the double quote.
--
-- LOAPI_OWNER has no password (NO AUTHENTICATION, from 18c on). To work as the owner, connect as
-- LOAPI_MIGRATE[LOAPI_OWNER] with the password of LOAPI_MIGRATE.
--
-- The profile LOAPI_SERVICE is a suggestion. An expired password (ORA-28001) stops the service, so renew
-- it by calendar, not by expiry. Its idle sessions are a pool, which no time limit should cut.

WHENEVER SQLERROR EXIT SQL.SQLCODE ROLLBACK
WHENEVER OSERROR EXIT FAILURE ROLLBACK
SET ECHO OFF
SET VERIFY OFF
SET DEFINE ON

ACCEPT loapi_tablespace CHAR DEFAULT 'USERS' PROMPT 'Tablespace of the tables [USERS]: '
ACCEPT loapi_quota CHAR DEFAULT '50G' PROMPT 'Quota of LOAPI_OWNER in it [50G]: '
ACCEPT loapi_app_password CHAR PROMPT 'Password for LOAPI_APP: ' HIDE
ACCEPT loapi_ro_password CHAR PROMPT 'Password for LOAPI_RO: ' HIDE
ACCEPT loapi_audit_password CHAR PROMPT 'Password for LOAPI_AUDIT: ' HIDE
ACCEPT loapi_migrate_password CHAR PROMPT 'Password for LOAPI_MIGRATE: ' HIDE

CREATE PROFILE LOAPI_SERVICE LIMIT
    SESSIONS_PER_USER UNLIMITED
    CONNECT_TIME UNLIMITED
    IDLE_TIME UNLIMITED
    FAILED_LOGIN_ATTEMPTS 10
    PASSWORD_LOCK_TIME 1/24
    PASSWORD_LIFE_TIME UNLIMITED;

CREATE USER LOAPI_OWNER NO AUTHENTICATION
    DEFAULT TABLESPACE &loapi_tablespace
    QUOTA &loapi_quota ON &loapi_tablespace;
GRANT CREATE SESSION, CREATE TABLE TO LOAPI_OWNER;

CREATE USER LOAPI_APP IDENTIFIED BY "&loapi_app_password" PROFILE LOAPI_SERVICE;
GRANT CREATE SESSION TO LOAPI_APP;

CREATE USER LOAPI_RO IDENTIFIED BY "&loapi_ro_password";
GRANT CREATE SESSION TO LOAPI_RO;

CREATE USER LOAPI_AUDIT IDENTIFIED BY "&loapi_audit_password";
GRANT CREATE SESSION TO LOAPI_AUDIT;

CREATE USER LOAPI_MIGRATE IDENTIFIED BY "&loapi_migrate_password";
GRANT CREATE SESSION TO LOAPI_MIGRATE;

ALTER USER LOAPI_OWNER GRANT CONNECT THROUGH LOAPI_MIGRATE;

UNDEFINE loapi_app_password
UNDEFINE loapi_ro_password
UNDEFINE loapi_audit_password
UNDEFINE loapi_migrate_password
PROMPT loapi: the accounts are made.
