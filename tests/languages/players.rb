# exercise: 03
# verdict: PASS
# Right. It reads the answer as a line.

require 'socket'
listener = TCPServer.new('127.0.0.1', ARGV[0].to_i)
number = 0
loop do
  client = listener.accept
  number += 1
  Thread.new(client, number) do |client, number|
    client.write("Do you want to play a game?\nYou are player #{number}.\n")
    p client.gets
  rescue SystemCallError => error
    p error
  ensure
    client.close
  end
end
