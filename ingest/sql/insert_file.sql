insert into raw.files by name
select
    $file_id as file_id,
    $path as path,
    $source as source,
    $source_id as source_id,
    $layout as layout,
    $size as size,
    $modified_at as modified_at,
    $etag as etag,
    $content_hash as content_hash,
    $landed as landed,
    $rejected as rejected,
    $error as error,
    true as is_present,
    false as is_settled,
    false as is_published,
    false as is_accepted,
    now() at time zone 'UTC' as staged_at
