namespace SoftSwitch.Lab;

/// <summary>What a station plays.</summary>
internal enum LabRole
{
    /// <summary>A guest, plugged into a port.</summary>
    Guest,

    /// <summary>A machine on the LAN behind a NIC port; where a nat network goes out by that NIC, the outside too.</summary>
    Lan,

    /// <summary>A machine outside, reached by the interface where nat networks go out.</summary>
    Internet,

    /// <summary>The machine that the switch runs on.</summary>
    Host,
}
