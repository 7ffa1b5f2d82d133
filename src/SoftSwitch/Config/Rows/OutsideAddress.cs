using SoftSwitch.Model;

namespace SoftSwitch.Config.Rows;

/// <summary>Where a translation is seen: at an address of its own, at one that DHCP gives, or else at the host's.</summary>
internal readonly record struct OutsideAddress(InterfaceAddress? Own, bool IsByDhcp)
{
    public bool IsHost => Own is null && !IsByDhcp;

    public override string ToString() => Own?.ToString() ?? (IsByDhcp ? "dhcp" : "host");
}
