using SoftSwitch.Attach;
using SoftSwitch.Config.Writing;
using SoftSwitch.Model;

namespace SoftSwitch.Kinds;

/// <summary>
/// The steps that give a container a port's interface. Such a port names a namespace, and a container's namespace is known by its pid
/// once it runs.
/// </summary>
internal static class ContainerSteps
{
    private const string Pid = "PID";

    public static AttachText Of(InterfaceModel port) => AttachText.Of(
        $$$"""
        # 1. Start the container without a network of its own:
        docker run -d --name {{{port.Name}}} --network none IMAGE
        # 2. Ask for its pid:
        docker inspect -f '{{.State.Pid}}' {{{port.Name}}}
        # 3. Write that pid in place of PID in the port's entry, and start the switch:
        #      {{{YamlText.Line(port.Name, PortKeys.Write(port with { Netns = Pid }))}}}
        # A container that starts anew has another pid: repeat steps 2 and 3.
        """);
}
