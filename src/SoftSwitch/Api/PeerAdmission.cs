namespace SoftSwitch.Api;

/// <summary>Whether the peer of a connection may speak to the switch, and if not, why; decided once.</summary>
internal sealed record PeerAdmission(bool Admitted, string Reason);
