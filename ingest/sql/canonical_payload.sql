-- The canonical payload of a row of `raw.messages`: compact JSON, keys sorted, no nulls.
json_normalize('{' || concat_ws(
    ',',
    '"messageId":' || to_json({message_id}),
    '"type":' || to_json(type),
    '"event":' || to_json(event),
    '"name":' || to_json(name),
    '"category":' || to_json(category),
    '"anonymousId":' || to_json(anonymous_id),
    '"userId":' || to_json(user_id),
    '"groupId":' || to_json(group_id),
    '"previousId":' || to_json(previous_id),
    '"channel":' || to_json(channel),
    '"version":' || to_json(version),
    '"projectId":' || to_json(project_id),
    case when {with_times} then nullif(concat_ws(
        ',',
        '"timestamp":' || to_json(coalesce(given_at_text, time_as_text(given_at))),
        '"originalTimestamp":' || to_json(coalesce(original_at_text, time_as_text(original_at))),
        '"sentAt":' || to_json(coalesce(sent_at_text, time_as_text(sent_at))),
        '"receivedAt":' || to_json(coalesce(received_at_text, time_as_text(received_at)))
    ), '') end,
    '"context":' || json_or_text(coalesce(unsound_objects ->> '/context', context)),
    '"integrations":' || json_or_text(coalesce(unsound_objects ->> '/integrations', integrations)),
    '"properties":' || json_or_text(coalesce(unsound_objects ->> '/properties', properties)),
    '"traits":' || json_or_text(coalesce(unsound_objects ->> '/traits', traits))
) || '}')
