-- What Access decided about one request, with what the request presented.
--
-- Parameters: $ray (16 hex digits in lower case), $since, $until (UTC, NULL is open)
-- Columns:    those that login_verdict.verdict() reads, and where the row is
select
    in_utc(event_time)   as seen_at,
    IsSuccessfulLogin,
    IPAddress,
    Country,
    ApprovingPolicyId,
    IdentityProvider,
    UserUID,
    HasExistingJWT,
    MtlsStatus,
    MtlsCertSerialId,
    MtlsCommonName,
    ServiceTokenId,
    DeviceId,
    HasWarpEnabled,
    HasGatewayEnabled,
    RayID,
    batch_id,
    line_number
from access_login_events
where RayID in ($ray, upper($ray))
  and ($since::timestamp is null or event_time >= $since)
  and ($until::timestamp is null or event_time < $until)
order by seen_at, batch_id, line_number
