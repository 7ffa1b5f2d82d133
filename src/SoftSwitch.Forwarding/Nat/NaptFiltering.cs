namespace SoftSwitch.Forwarding.Nat;

/// <summary>From whom outside a mapping that an inside host opened takes packets (RFC 4787, section 5; RFC 5382, REQ-3).</summary>
public enum NaptFiltering : byte
{
    /// <summary>From the addresses and ports that the inside host has sent to.</summary>
    AddressAndPortDependent,

    /// <summary>From the addresses that the inside host has sent to, any port.</summary>
    AddressDependent,

    /// <summary>From anybody.</summary>
    EndpointIndependent,
}
