using SoftSwitch.Text;

namespace SoftSwitch.Model;

/// <summary>The words that files, commands and the API use for the enumerations.</summary>
public static class Words
{
    public static WordList<NetworkMode> NetworkModes { get; } = new(
        (NetworkMode.Internal, "internal"), (NetworkMode.Bridged, "bridged"), (NetworkMode.Nat, "nat"),
        (NetworkMode.HostOnly, "host-only"));

    public static WordList<PollMode> PollModes { get; } = new((PollMode.Adaptive, "adaptive"), (PollMode.Always, "always"));

    public static WordList<Filtering> Filterings { get; } = new(
        (Filtering.Endpoint, "endpoint"), (Filtering.Address, "address"), (Filtering.AddressAndPort, "address-and-port"));

    public static WordList<HostReach> HostReaches { get; } = new((HostReach.Address, "address"), (HostReach.All, "all"));

    public static WordList<ArpQuestions> ArpQuestions { get; } = new(
        (Model.ArpQuestions.Quiet, "quiet"), (Model.ArpQuestions.Flood, "flood"));

    public static WordList<ControlFrames> ControlFrames { get; } = new(
        (Model.ControlFrames.Drop, "drop"), (Model.ControlFrames.Forward, "forward"));

    public static WordList<AdminState> AdminStates { get; } = new((AdminState.Up, "up"), (AdminState.Down, "down"));

    public static WordList<Guarding> Guardings { get; } = new(
        (Guarding.Off, "off"), (Guarding.Mac, "mac"), (Guarding.Ip, "ip"), (Guarding.On, "on"));

    public static string Word(this NetworkMode mode) => NetworkModes[mode];
}
