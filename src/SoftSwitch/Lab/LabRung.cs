namespace SoftSwitch.Lab;

/// <summary>How the stations of a lab are attached, best first.</summary>
internal enum LabRung
{
    /// <summary>Each in a network namespace, on a tap.</summary>
    Taps,

    /// <summary>Each in a network namespace, on a veth pair.</summary>
    Veth,

    /// <summary>Each in this process's memory.</summary>
    Memory,
}
