using SoftSwitch.Packets;

namespace SoftSwitch.Config.Rows;

/// <summary>Where the default route leads of the namespace that gets a port's interface.</summary>
/// <param name="Own">As the file names it; null: where the network's does, or nowhere.</param>
/// <param name="IsTaken">It comes with the address, where the network gives that.</param>
internal readonly record struct PortGateway(Ipv4Address? Own, bool IsTaken)
{
    public const string Auto = "auto", No = "no";

    public override string ToString() => Own?.ToString() ?? (IsTaken ? Auto : No);
}
