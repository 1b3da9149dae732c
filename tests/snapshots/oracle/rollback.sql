-- Takes LOAPI_OWNER from revision 0067 back to nothing.
--
--     sqlplus LOAPI_MIGRATE[LOAPI_OWNER]@SERVICE @rollback.sql
--
-- What goes takes its rows along. Dropped tables wait in the recycle bin, if there is one; dropped
-- columns do not. Stop the service and take a backup first.
--
-- It has done its work where its last line of output says so. The exit status does not always tell:
-- it is the error's number modulo 256, which is 0 for ORA-01536 (quota).
--
-- Each step is one statement, which Oracle commits by itself, and the stamp of its revision. Where
-- a step fails, the script ends, and what is done stands. How far it came:
--
--     SELECT version_num FROM LOAPI_OWNER.alembic_version
--
-- To go on, mend the cause, take the steps that are done out of this file, put the revision that you
-- read into the block that compares it, and run it again.

WHENEVER SQLERROR EXIT SQL.SQLCODE ROLLBACK
WHENEVER OSERROR EXIT FAILURE ROLLBACK
SET ECHO OFF
SET DEFINE OFF
SET SQLBLANKLINES ON
ALTER SESSION SET CURRENT_SCHEMA = LOAPI_OWNER;
ALTER SESSION SET DDL_LOCK_TIMEOUT = 30;

DECLARE
    found alembic_version.version_num%TYPE;
BEGIN
    SELECT version_num INTO found FROM alembic_version;
    IF found <> '0067' THEN
        RAISE_APPLICATION_ERROR(
            -20001, 'LOAPI_OWNER is at revision ' || found || '; this script begins at 0067.');
    END IF;
END;
/

PROMPT back from 0067
DROP INDEX ix_named_resource_own_name;
UPDATE alembic_version SET version_num = '0066' WHERE version_num = '0067';
COMMIT;

PROMPT back from 0066
DROP INDEX ix_payoff_location_date;
UPDATE alembic_version SET version_num = '0065' WHERE version_num = '0066';
COMMIT;

PROMPT back from 0065
ALTER TABLE payoff DROP COLUMN source;
UPDATE alembic_version SET version_num = '0064' WHERE version_num = '0065';
COMMIT;

PROMPT back from 0064
ALTER TABLE payoff DROP COLUMN interest_to;
UPDATE alembic_version SET version_num = '0063' WHERE version_num = '0064';
COMMIT;

PROMPT back from 0063
ALTER TABLE payoff DROP COLUMN notice_date;
UPDATE alembic_version SET version_num = '0062' WHERE version_num = '0063';
COMMIT;

PROMPT back from 0062
ALTER TABLE location DROP COLUMN notice_days;
UPDATE alembic_version SET version_num = '0061' WHERE version_num = '0062';
COMMIT;

PROMPT back from 0061
ALTER TABLE loan DROP COLUMN terms;
UPDATE alembic_version SET version_num = '0060' WHERE version_num = '0061';
COMMIT;

PROMPT back from 0060
DROP TABLE client_key_use;
UPDATE alembic_version SET version_num = '0059' WHERE version_num = '0060';
COMMIT;

PROMPT back from 0059
DROP TABLE dataset;
UPDATE alembic_version SET version_num = '0058' WHERE version_num = '0059';
COMMIT;

PROMPT back from 0058
ALTER TABLE client DROP COLUMN rate_limits;
UPDATE alembic_version SET version_num = '0057' WHERE version_num = '0058';
COMMIT;

PROMPT back from 0057
DROP INDEX ix_user_account_oidc_subject;
UPDATE alembic_version SET version_num = '0056' WHERE version_num = '0057';
COMMIT;

PROMPT back from 0056
DROP TABLE audit_checkpoint;
UPDATE alembic_version SET version_num = '0055' WHERE version_num = '0056';
COMMIT;

PROMPT back from 0055
DROP TABLE audit_tree;
UPDATE alembic_version SET version_num = '0054' WHERE version_num = '0055';
COMMIT;

PROMPT back from 0054
DROP TABLE audit_leaf;
UPDATE alembic_version SET version_num = '0053' WHERE version_num = '0054';
COMMIT;

PROMPT back from 0053
DROP INDEX ix_user_location_location;
UPDATE alembic_version SET version_num = '0052' WHERE version_num = '0053';
COMMIT;

PROMPT back from 0052
DROP TABLE user_location;
UPDATE alembic_version SET version_num = '0051' WHERE version_num = '0052';
COMMIT;

PROMPT back from 0051
DROP INDEX ix_user_account_status;
UPDATE alembic_version SET version_num = '0050' WHERE version_num = '0051';
COMMIT;

PROMPT back from 0050
DROP INDEX ix_user_account_login;
UPDATE alembic_version SET version_num = '0049' WHERE version_num = '0050';
COMMIT;

PROMPT back from 0049
DROP INDEX ix_user_account_last_name;
UPDATE alembic_version SET version_num = '0048' WHERE version_num = '0049';
COMMIT;

PROMPT back from 0048
DROP INDEX ix_user_account_email;
UPDATE alembic_version SET version_num = '0047' WHERE version_num = '0048';
COMMIT;

PROMPT back from 0047
DROP TABLE user_account;
UPDATE alembic_version SET version_num = '0046' WHERE version_num = '0047';
COMMIT;

PROMPT back from 0046
DROP INDEX ix_spent_token_expires;
UPDATE alembic_version SET version_num = '0045' WHERE version_num = '0046';
COMMIT;

PROMPT back from 0045
DROP TABLE spent_token;
UPDATE alembic_version SET version_num = '0044' WHERE version_num = '0045';
COMMIT;

PROMPT back from 0044
DROP INDEX uq_payoff_open;
UPDATE alembic_version SET version_num = '0043' WHERE version_num = '0044';
COMMIT;

PROMPT back from 0043
DROP INDEX ix_payoff_status;
UPDATE alembic_version SET version_num = '0042' WHERE version_num = '0043';
COMMIT;

PROMPT back from 0042
DROP INDEX ix_payoff_location;
UPDATE alembic_version SET version_num = '0041' WHERE version_num = '0042';
COMMIT;

PROMPT back from 0041
DROP INDEX ix_payoff_loan;
UPDATE alembic_version SET version_num = '0040' WHERE version_num = '0041';
COMMIT;

PROMPT back from 0040
DROP INDEX ix_payoff_date;
UPDATE alembic_version SET version_num = '0039' WHERE version_num = '0040';
COMMIT;

PROMPT back from 0039
DROP INDEX ix_payoff_created;
UPDATE alembic_version SET version_num = '0038' WHERE version_num = '0039';
COMMIT;

PROMPT back from 0038
DROP TABLE payoff;
UPDATE alembic_version SET version_num = '0037' WHERE version_num = '0038';
COMMIT;

PROMPT back from 0037
DROP INDEX ix_named_resource_name;
UPDATE alembic_version SET version_num = '0036' WHERE version_num = '0037';
COMMIT;

PROMPT back from 0036
DROP INDEX ix_named_resource_created;
UPDATE alembic_version SET version_num = '0035' WHERE version_num = '0036';
COMMIT;

PROMPT back from 0035
DROP INDEX ix_named_resource_client;
UPDATE alembic_version SET version_num = '0034' WHERE version_num = '0035';
COMMIT;

PROMPT back from 0034
DROP TABLE named_resource;
UPDATE alembic_version SET version_num = '0033' WHERE version_num = '0034';
COMMIT;

PROMPT back from 0033
DROP INDEX ix_naics_code_year;
UPDATE alembic_version SET version_num = '0032' WHERE version_num = '0033';
COMMIT;

PROMPT back from 0032
DROP INDEX ix_naics_code_sector;
UPDATE alembic_version SET version_num = '0031' WHERE version_num = '0032';
COMMIT;

PROMPT back from 0031
DROP INDEX ix_naics_code_parent;
UPDATE alembic_version SET version_num = '0030' WHERE version_num = '0031';
COMMIT;

PROMPT back from 0030
DROP INDEX ix_naics_code_level;
UPDATE alembic_version SET version_num = '0029' WHERE version_num = '0030';
COMMIT;

PROMPT back from 0029
DROP INDEX ix_naics_code_active;
UPDATE alembic_version SET version_num = '0028' WHERE version_num = '0029';
COMMIT;

PROMPT back from 0028
DROP TABLE naics_code;
UPDATE alembic_version SET version_num = '0027' WHERE version_num = '0028';
COMMIT;

PROMPT back from 0027
DROP INDEX ix_location_status;
UPDATE alembic_version SET version_num = '0026' WHERE version_num = '0027';
COMMIT;

PROMPT back from 0026
DROP INDEX ix_location_partner;
UPDATE alembic_version SET version_num = '0025' WHERE version_num = '0026';
COMMIT;

PROMPT back from 0025
DROP INDEX ix_location_name;
UPDATE alembic_version SET version_num = '0024' WHERE version_num = '0025';
COMMIT;

PROMPT back from 0024
DROP TABLE location;
UPDATE alembic_version SET version_num = '0023' WHERE version_num = '0024';
COMMIT;

PROMPT back from 0023
DROP INDEX ix_loan_location;
UPDATE alembic_version SET version_num = '0022' WHERE version_num = '0023';
COMMIT;

PROMPT back from 0022
DROP TABLE loan;
UPDATE alembic_version SET version_num = '0021' WHERE version_num = '0022';
COMMIT;

PROMPT back from 0021
DROP TABLE lease;
UPDATE alembic_version SET version_num = '0020' WHERE version_num = '0021';
COMMIT;

PROMPT back from 0020
DROP INDEX ix_kept_answer_expires;
UPDATE alembic_version SET version_num = '0019' WHERE version_num = '0020';
COMMIT;

PROMPT back from 0019
DROP TABLE kept_answer;
UPDATE alembic_version SET version_num = '0018' WHERE version_num = '0019';
COMMIT;

PROMPT back from 0018
DROP TABLE journal;
UPDATE alembic_version SET version_num = '0017' WHERE version_num = '0018';
COMMIT;

PROMPT back from 0017
DROP INDEX ix_holiday_date;
UPDATE alembic_version SET version_num = '0016' WHERE version_num = '0017';
COMMIT;

PROMPT back from 0016
DROP INDEX ix_holiday_calendar;
UPDATE alembic_version SET version_num = '0015' WHERE version_num = '0016';
COMMIT;

PROMPT back from 0015
DROP TABLE holiday;
UPDATE alembic_version SET version_num = '0014' WHERE version_num = '0015';
COMMIT;

PROMPT back from 0014
DROP INDEX ix_franchise_sba_code;
UPDATE alembic_version SET version_num = '0013' WHERE version_num = '0014';
COMMIT;

PROMPT back from 0013
DROP INDEX ix_franchise_brand;
UPDATE alembic_version SET version_num = '0012' WHERE version_num = '0013';
COMMIT;

PROMPT back from 0012
DROP INDEX ix_franchise_active;
UPDATE alembic_version SET version_num = '0011' WHERE version_num = '0012';
COMMIT;

PROMPT back from 0011
DROP TABLE franchise;
UPDATE alembic_version SET version_num = '0010' WHERE version_num = '0011';
COMMIT;

PROMPT back from 0010
DROP INDEX ix_country_numeric;
UPDATE alembic_version SET version_num = '0009' WHERE version_num = '0010';
COMMIT;

PROMPT back from 0009
DROP INDEX ix_country_name;
UPDATE alembic_version SET version_num = '0008' WHERE version_num = '0009';
COMMIT;

PROMPT back from 0008
DROP INDEX ix_country_alpha3;
UPDATE alembic_version SET version_num = '0007' WHERE version_num = '0008';
COMMIT;

PROMPT back from 0007
DROP INDEX ix_country_active;
UPDATE alembic_version SET version_num = '0006' WHERE version_num = '0007';
COMMIT;

PROMPT back from 0006
DROP TABLE country;
UPDATE alembic_version SET version_num = '0005' WHERE version_num = '0006';
COMMIT;

PROMPT back from 0005
DROP INDEX ix_client_key_client;
UPDATE alembic_version SET version_num = '0004' WHERE version_num = '0005';
COMMIT;

PROMPT back from 0004
DROP TABLE client_key;
UPDATE alembic_version SET version_num = '0003' WHERE version_num = '0004';
COMMIT;

PROMPT back from 0003
DROP TABLE client;
UPDATE alembic_version SET version_num = '0002' WHERE version_num = '0003';
COMMIT;

PROMPT back from 0002
DROP TABLE audit_term;
UPDATE alembic_version SET version_num = '0001' WHERE version_num = '0002';
COMMIT;

PROMPT back from 0001
DROP TABLE audit_record;
DELETE FROM alembic_version WHERE version_num = '0001';
COMMIT;

DROP TABLE alembic_version;

COMMIT;
PROMPT loapi: LOAPI_OWNER is at nothing.
