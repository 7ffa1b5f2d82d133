namespace SoftSwitch.Model;

/// <summary>Whose packets a mapping lets in (RFC 4787, section 5), beside those of forwards.</summary>
public enum Filtering
{
    /// <summary>Everybody's: endpoint-independent.</summary>
    Endpoint,

    /// <summary>Those of addresses that were sent to: address-dependent.</summary>
    Address,

    /// <summary>Those of addresses and ports that were sent to: address- and port-dependent.</summary>
    AddressAndPort,
}
