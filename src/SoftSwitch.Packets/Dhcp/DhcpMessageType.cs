namespace SoftSwitch.Packets.Dhcp;

/// <summary>What a message of DHCP is (RFC 2132, 9.6).</summary>
public enum DhcpMessageType : byte
{
    /// <summary>A client looks for servers.</summary>
    Discover = 1,

    /// <summary>A server offers an address.</summary>
    Offer = 2,

    /// <summary>A client takes an offer, or wants to keep the address that it has.</summary>
    Request = 3,

    /// <summary>A client has found that somebody else has the address.</summary>
    Decline = 4,

    /// <summary>The address is the client's.</summary>
    Ack = 5,

    /// <summary>The client can't have the address.</summary>
    Nak = 6,

    /// <summary>A client gives its address back.</summary>
    Release = 7,

    /// <summary>A client that has an address of its own asks for the rest.</summary>
    Inform = 8,
}
