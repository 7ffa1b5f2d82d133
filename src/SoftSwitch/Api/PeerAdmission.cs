namespace SoftSwitch.Api;

/// <summary>Decided once for a connection: whether its peer may speak to the switch, and if not, why.</summary>
internal sealed record PeerAdmission(bool Admitted, string Reason);
