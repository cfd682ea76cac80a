namespace Poolhouse.Server;

/// The commands of poolhouse, their options, services and routes.
static class Program
{
    static int Main() => 0;
}
