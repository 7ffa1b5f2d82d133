using SoftSwitch.Forwarding.Bridging;

namespace SoftSwitch.Linux.Workers;

/// <summary>What a worker receives from.</summary>
/// <param name="Port">The port.</param>
/// <param name="Member">The network that its frames are in.</param>
internal sealed record Source(DevicePort Port, Membership Member);
