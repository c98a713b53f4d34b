CREATE INDEX key_by_thumbprint ON key (thumbprint) WHERE thumbprint IS NOT NULL;
