using SoftSwitch.Config;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;
using SoftSwitch.State;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Ports;
using SoftSwitch.SystemTests.Linux;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>A switch of this process in a namespace of its own, to which one file after the other is applied. A station speaks by
/// each of its taps.</summary>
internal sealed class AppliedSwitch : IDisposable
{
    private readonly Sandbox _host = Sandbox.Make();
    private RunningSwitch? _running;

    public RunningSwitch Running => _running!;

    public Links Links => _host.Links;

    /// <summary>Its threads are born in the namespace.</summary>
    public void Start(string text)
    {
        Sandbox.NeedsTun();
        _host.Namespace.Run(() => _running = RunningSwitch.Start(
            Parse(text), isStrict: true, StationMacs.OfNames, AddressMemory.None, LeaseMemory.None, OutsideLeaseMemory.None,
            new RememberedLog()));
    }

    public ModelDifference Apply(string text) => Running.Apply(Parse(text));

    public PortState Port(string name) => Running.Ports.All.Single(port => port.Model.Name == name);

    public long Frames(string port) => Running.Look().Ports.Single(one => one.Model.Name == port).Counters().InFrames;

    public long OutFrames(string port) => Running.Look().Ports.Single(one => one.Model.Name == port).Counters().OutFrames;

    /// <summary>The station is known in a network, behind a port.</summary>
    public bool Heard(string network, string port)
    {
        var slot = Running.Look().Networks.Single(one => one.Model.Name == network).Bridge.Fdb.Lookup(
            Station(port).Value, new Instant(Environment.TickCount64));
        return slot != 0 && slot == Port(port).Membership!.Slot;
    }

    /// <summary>The station speaks to everybody from the interface behind a port.</summary>
    public void Say(string port)
    {
        Links.SetUp(Links.Find(port)!.Index);
        using var socket = _host.Namespace.Run(() => new PacketSocket(Links.Find(port)!.Index, mark: 0));
        var frame = new byte[60];
        frame.AsSpan(0, 6).Fill(0xFF);
        Station(port).Write(frame.AsSpan(6));
        (frame[12], frame[13]) = (0x88, 0xB5);
        socket.Send(frame);
    }

    /// <summary>Each port has one of its own.</summary>
    private static MacAddress Station(string port) => new(0x0200_0000_7700UL | port[0]);

    public static SwitchModel Parse(string text)
    {
        var read = ConfigFile.Parse("test", text);
        Assert.True(read.Ok, string.Join('\n', read.Mistakes));
        return read.Model;
    }

    public void Dispose()
    {
        _running?.Dispose();
        _host.Dispose();
    }
}
