using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config;

/// <summary>A port as the user wrote it; which of these a kind takes, and which it needs, stands in <see cref="PortKeys"/>.</summary>
internal sealed record PortConfig
{
    public required Located<string> Name { get; init; }

    public Located<string>? Network { get; init; }

    public Located<PortKind>? Kind { get; init; }

    public Located<MacAddress>? Mac { get; init; }

    public Located<int>? Mtu { get; init; }

    public Located<string>? Interface { get; init; }

    public Located<string>? Netns { get; init; }

    public Located<InterfaceAddress>? Address { get; init; }

    public Located<string>? Owner { get; init; }

    public Located<string>? Parent { get; init; }

    /// <summary>Of a macvtap: how it lives beside others on its parent.</summary>
    public Located<string>? Type { get; init; }

    public Located<string>? Bridge { get; init; }

    public Located<string>? Socket { get; init; }

    public Located<string>? Role { get; init; }

    public Located<int>? Queues { get; init; }

    public Located<string>? Listen { get; init; }

    public Located<string>? Connect { get; init; }

    public Located<string>? Local { get; init; }

    public Located<string>? Remote { get; init; }
}
