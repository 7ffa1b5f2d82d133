using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Forwarding;

/// <summary>Frames of a burst that go to one port: a bit for each, in the order they came.</summary>
public readonly record struct Delivery(Port Output, ulong Frames);
