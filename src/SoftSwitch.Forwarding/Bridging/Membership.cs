using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// A port's place in a bridge: all that the one knows of the other. A port that carries one network has one membership; a port that carries several
/// (VLANs) has one in each. What a port brings is counted and limited here, what it is stands at the <see cref="Port"/>.
/// <para>
/// Made by <see cref="Bridge.Attach"/> and never used again after <see cref="Bridge.Detach"/>: a slot may have another owner later, a membership never.
/// Changed by the control plane, read by every worker; <see cref="NewStations"/> is the receiving worker's.
/// </para>
/// </summary>
public sealed class Membership
{
    private StationAllowance _newStations;
    private volatile HeardAddresses? _heard;

    internal Membership(Bridge bridge, Port port, ushort slot, MacAddress? station) => (Bridge, Port, Slot, Station) = (bridge, port, slot, station);

    public Bridge Bridge { get; }

    public Port Port { get; }

    /// <summary>Its number in the bridge, from 1.</summary>
    public ushort Slot { get; }

    /// <summary>A station that is behind the port for certain, for as long as the port is up; null: none.</summary>
    public MacAddress? Station { get; }

    /// <summary>
    /// A member of the same bridge whose other end is joined to this one's beside the switch, as the host's stack and the wire are by the host's NIC: what this
    /// one brings for everybody has been heard there, and isn't flooded to it. One that is down counts as none.
    /// </summary>
    public Membership? Twin { get; set; }

    /// <summary>What this one brings for a single station has been heard at the twin's other end as well, whoever it is for.</summary>
    public bool TwinHearsUnicast { get; set; } = true;

    /// <summary>Where the addresses behind the port are written down, if anybody wants to know them.</summary>
    public HeardAddresses? Heard
    {
        get => _heard;
        set => _heard = value;
    }

    /// <summary>New stations that the port may still bring; the receiving worker's.</summary>
    internal ref StationAllowance NewStations => ref _newStations;
}
