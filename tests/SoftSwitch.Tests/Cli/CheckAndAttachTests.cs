using SoftSwitch.Config;
using SoftSwitch.Tests.Api;

namespace SoftSwitch.Tests.Cli;

public sealed class CheckAndAttachTests : IDisposable
{
    private static readonly string s_state = Directory.CreateTempSubdirectory("ss").FullName;

    private static readonly string s_valid = $"state: {s_state}\n"
        + "networks: { lan: { mode: internal } }\nports: { vm1: { network: lan, kind: guest }, box: { network: lan, kind: tap } }\n";

    private readonly string _path = Path.GetTempFileName();

    [Fact]
    public async Task A_file_without_a_mistake_is_checked_in_silence()
    {
        File.WriteAllText(_path, s_valid);
        Assert.Equal(new(0, "", ""), await CommandRun.Of("check", _path));
    }

    [Fact]
    public async Task Every_mistake_is_a_line_of_standard_error_and_the_status_is_2()
    {
        File.WriteAllText(_path, "networks: { lan: { mode: internl } }\nports: { vm1: { network: lam, kind: guest } }\n");
        Assert.Equal(new(2, "", $"""
            {_path}:1:26: 'mode': 'internl' is not internal, bridged, nat or host-only: did you mean 'internal'?
            {_path}:2:26: there is no network 'lam': did you mean 'lan'?

            """), await CommandRun.Of("check", _path));
        Assert.Equal(new(2, "", "/nowhere: no such file: check the path\n"), await CommandRun.Of("check", "/nowhere"));
    }

    [Fact]
    public async Task Attach_reads_the_port_from_a_file()
    {
        File.WriteAllText(_path, s_valid);
        var run = await CommandRun.Of("attach", "vm1", "--config", _path);
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.StartsWith("-netdev tap,id=vm1,ifname=vm1,script=no,downscript=no -device virtio-net-pci,netdev=vm1,mac=", run.Output);
        Assert.Equal(run, await CommandRun.Of("attach", "vm1", "--config", _path));
        Assert.Single(run.Output.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("<interface type='ethernet'>",
            (await CommandRun.Of("attach", "vm1", "--format", "libvirt", "--config", _path)).Output);
    }

    [Theory]
    [InlineData("attach vm2", "there is no port 'vm2': did you mean 'vm1'?")]
    [InlineData("attach something", "there is no port 'something': there is vm1, box")]
    [InlineData("attach vm1 --format xen", "there is no format 'xen': write qemu, libvirt, virt-install or docker")]
    [InlineData("attach vm1 --format", "--format takes a FORMAT (see: softswitch attach --help)")]
    [InlineData("attach box", "port 'box' is of kind tap: its interface is for the host or a namespace; qemu needs a port of kind guest")]
    public async Task What_can_not_be_attached_is_one_line_and_status_2(string words, string line)
    {
        File.WriteAllText(_path, s_valid);
        Assert.Equal(new(2, "", $"softswitch: {line}\n"),
            await CommandRun.Of([.. words.Split(' ')[..2], "--config", _path, .. words.Split(' ')[2..]]));
    }

    [Fact]
    public async Task Attach_tells_the_mistakes_of_a_file_as_check_does()
    {
        File.WriteAllText(_path, "networks: []");
        var run = await CommandRun.Of("attach", "vm1", "--config", _path);
        Assert.Equal((2, (await CommandRun.Of("check", _path)).Error), (run.Status, run.Error));
    }

    [Fact]
    public async Task Attach_asks_the_running_switch_and_without_one_says_what_else_to_do()
    {
        await using var api = await ApiFixture.Start(new SampleSwitch { Model = ConfigFile.Parse("", s_valid).Model! });
        var run = await CommandRun.Of("attach", "vm1", "--socket", api.Path);
        // The file names no MAC address; the switch says which one it knows the guest by.
        Assert.Equal("-netdev tap,id=vm1,ifname=vm1,script=no,downscript=no "
            + "-device virtio-net-pci,netdev=vm1,mac=52:54:00:00:00:01,host_ufo=off,host_mtu=1500\n", run.Output);

        var alone = await CommandRun.Of("attach", "vm1", "--socket", api.Path + "x");
        Assert.Equal(3, alone.Status);
        Assert.EndsWith("; or name the port's file with --config FILE\n", alone.Error);
    }

    public void Dispose()
    {
        File.Delete(_path);
        if (Directory.Exists(s_state))
            Directory.Delete(s_state, recursive: true);
    }
}
