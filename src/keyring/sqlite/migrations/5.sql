-- The networks from which the key may be used, space-delimited; NULL: any.
ALTER TABLE key ADD COLUMN allowed_ips TEXT;
