using SoftSwitch.Model;

namespace SoftSwitch.Config.Rows;

/// <summary>The address of a port's interface: one that the file names, or one that the network gives.</summary>
/// <param name="Own">Null: the network gives it.</param>
internal readonly record struct PortAddress(InterfaceAddress? Own)
{
    public const string Auto = "auto";

    public override string ToString() => Own?.ToString() ?? Auto;
}
